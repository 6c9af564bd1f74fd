import type { Command } from 'commander';
import type { Invocation } from '../main.ts';
import { runVerb } from './run.ts';
import { statusVerb } from './status.ts';
import { whyVerb } from './why.ts';

export const verbs: readonly ((program: Command, invocation: Invocation) => void)[] = [runVerb, statusVerb, whyVerb];
