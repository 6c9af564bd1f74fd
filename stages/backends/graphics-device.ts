import { existsSync, readdirSync } from 'node:fs';
import { platform } from 'node:os';

/** Whether the system shows a graphics processor, told without loading a driver. Outside Linux there always may be one. */
export function hasGraphicsDevice(): boolean {
  if (platform() !== 'linux') return true;
  const directory = '/dev/dri';
  return (
    hasNvidiaDevice() ||
    existsSync('/dev/dxg') ||
    (existsSync(directory) && readdirSync(directory).some((name) => name.startsWith('renderD')))
  );
}

/** As above, of NVIDIA's. */
export function hasNvidiaDevice(): boolean {
  return platform() === 'linux' ? existsSync('/dev/nvidiactl') || existsSync('/dev/dxg') : platform() === 'win32';
}
