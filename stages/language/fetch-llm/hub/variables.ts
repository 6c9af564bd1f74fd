/** The variables by which the hub is reached: see `hubSettings`. No result depends on them. */
export const hubVariables = [
  'HF_*',
  'HUGGING_FACE_HUB_TOKEN',
  'HUGGINGFACE_HUB_CACHE',
  'HUB_PATIENCE',
  'XDG_CACHE_HOME',
];
