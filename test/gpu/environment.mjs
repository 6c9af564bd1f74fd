// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where distributions put Chromium, which brings a Vulkan device played by the processor and a loader for it. */
const chromiumDirectories = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/**
 * The variables under which Vulkan finds Chromium's device, unless a driver is named already. The loader of the system is
 * not needed. Must be set before a process starts.
 * @returns {Record<string, string>}
 */
export function gpuEnvironment() {
  if (process.env['VK_DRIVER_FILES']) return {};
  const directory = chromiumDirectories.find((candidate) => existsSync(join(candidate, 'vk_swiftshader_icd.json')));
  if (!directory) return {};
  const driver = join(directory, 'vk_swiftshader_icd.json');
  const libraries = [process.env['LD_LIBRARY_PATH'], directory].filter(Boolean).join(delimiter);
  return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
}
