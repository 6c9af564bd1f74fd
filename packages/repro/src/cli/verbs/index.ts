import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { acceptVerb } from './accept.ts';
import { adoptVerb } from './adopt.ts';
import { attestVerb } from './attest.ts';
import { auditVerb } from './audit.ts';
import { cancelVerb } from './cancel.ts';
import { checkDeterminismVerb } from './check-determinism.ts';
import { checkStoreVerb } from './check-store.ts';
import { checkInputsVerb } from './check-inputs.ts';
import { completionVerb } from './completion.ts';
import { crateVerb } from './crate.ts';
import { diffVerb } from './diff.ts';
import { doctorVerb } from './doctor.ts';
import { execNodeVerb } from './exec-node.ts';
import { exportVerb } from './export.ts';
import { gcVerb } from './gc.ts';
import { graphVerb } from './graph.ts';
import { importVerb } from './import.ts';
import { initVerb } from './init.ts';
import { runVerb } from './run.ts';
import { schemaVerb } from './schema.ts';
import { showVerb } from './show.ts';
import { statusVerb } from './status.ts';
import { storeVerb } from './store.ts';
import { verifyVerb } from './verify.ts';
import { watchVerb } from './watch.ts';
import { whyVerb } from './why.ts';

/** In the order in which help lists them. */
export const verbs: readonly ((program: Command, invocation: Invocation) => void)[] = [
  initVerb,
  runVerb,
  watchVerb,
  statusVerb,
  whyVerb,
  showVerb,
  graphVerb,
  verifyVerb,
  diffVerb,
  doctorVerb,
  auditVerb,
  acceptVerb,
  adoptVerb,
  attestVerb,
  exportVerb,
  importVerb,
  crateVerb,
  cancelVerb,
  execNodeVerb,
  storeVerb,
  gcVerb,
  checkStoreVerb,
  checkDeterminismVerb,
  checkInputsVerb,
  schemaVerb,
  completionVerb,
];
