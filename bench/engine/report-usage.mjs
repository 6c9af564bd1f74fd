// @ts-check
/** Loaded into a measured process: leaves what it used in the file that USAGE names. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(
    String(process.env['USAGE']),
    JSON.stringify({ maxRSS, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }),
  );
});
