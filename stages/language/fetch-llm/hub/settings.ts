import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How the hub is reached. None of it is in a key: none of it changes what is fetched. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly offline: boolean;
  /** The cache that is shared with the hub's other libraries. */
  readonly cache: string;
  /** A connection that brings less than a few kilobytes in so long a time is broken off. */
  readonly stallMilliseconds: number;
  /** How long to go on trying without getting further, waits included. */
  readonly patienceMilliseconds: number;
  /** Before the second attempt; doubled before each further one. */
  readonly firstWaitMilliseconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables that the hub's own libraries know (HF_ENDPOINT, HF_TOKEN or the token file, HF_HUB_OFFLINE, HF_HOME or
 * HF_HUB_CACHE, HF_HUB_DOWNLOAD_TIMEOUT in seconds), and HUB_PATIENCE, seconds of trying before giving up. An empty one
 * counts as not set.
 */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const stall = seconds(environment, 'HF_HUB_DOWNLOAD_TIMEOUT', 30);
  // The hub's quotas begin anew every five minutes.
  const patience = seconds(environment, 'HUB_PATIENCE', 600);
  return {
    endpoint: endpoint(environment.HF_ENDPOINT || 'https://huggingface.co'),
    token: environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN || tokenFile(environment),
    offline: /^(1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? ''),
    // Not by the hub's library for JavaScript, which takes an empty variable for the current directory.
    cache: atHome(environment.HF_HUB_CACHE || environment.HUGGINGFACE_HUB_CACHE || join(hubHome(environment), 'hub')),
    stallMilliseconds: 1000 * stall,
    patienceMilliseconds: 1000 * patience,
    firstWaitMilliseconds: Math.min(500, 50 * patience),
  };
}

function endpoint(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error(`HF_ENDPOINT=${text}: expected a URL such as https://huggingface.co`);
  return text.replace(/\/+$/, '');
}

function seconds(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}=${text}: expected a number of seconds above 0`);
  return value;
}

function tokenFile(environment: Environment): string | undefined {
  const path = atHome(environment.HF_TOKEN_PATH || '') || join(hubHome(environment), 'token');
  return (existsSync(path) && readFileSync(path, 'utf8').trim()) || undefined;
}

function hubHome(environment: Environment): string {
  return atHome(environment.HF_HOME || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'));
}

/** A file of variables, which no shell reads, may begin a path with ~: the hub's libraries know it. */
function atHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}
