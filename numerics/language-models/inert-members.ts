/**
 * Members of a config.json that change nothing of what a causal language model computes when it is evaluated: `any`
 * value, or one of these. What is neither here nor read is refused.
 */
type Inert = 'any' | readonly unknown[];

const any = (...names: string[]): Record<string, Inert> =>
  Object.fromEntries(names.map((name): [string, Inert] => [name, 'any']));

/** Members of every configuration: provenance, numbers of special tokens, dropout, training, generation, other heads. */
const common: Readonly<Record<string, Inert>> = {
  ...any(
    '_name_or_path',
    '_commit_hash',
    'transformers_version',
    'torch_dtype',
    'dtype',
    '_attn_implementation',
    '_attn_implementation_autoset',
    'attn_implementation',
    'tokenizer_class',
    'prefix',
    'finetuning_task',
    'task_specific_params',
    'id2label',
    'label2id',
    'num_labels',
    'problem_type',
    'bos_token_id',
    'eos_token_id',
    'pad_token_id',
    'sep_token_id',
    'decoder_start_token_id',
    'use_cache',
    'output_past',
    'output_attentions',
    'output_hidden_states',
    'return_dict',
    'use_return_dict',
    'torchscript',
    'gradient_checkpointing',
    'chunk_size_feed_forward',
    'tf_legacy_loss',
    'is_decoder',
    'initializer_range',
    'attention_dropout',
    'hidden_dropout',
  ),
  ...any(
    'max_length',
    'min_length',
    'do_sample',
    'early_stopping',
    'num_beams',
    'num_beam_groups',
    'diversity_penalty',
    'temperature',
    'top_k',
    'top_p',
    'typical_p',
    'repetition_penalty',
    'length_penalty',
    'no_repeat_ngram_size',
    'encoder_no_repeat_ngram_size',
    'bad_words_ids',
    'num_return_sequences',
    'output_scores',
    'return_dict_in_generate',
    'forced_bos_token_id',
    'forced_eos_token_id',
    'remove_invalid_values',
    'exponential_decay_length_penalty',
    'suppress_tokens',
    'begin_suppress_tokens',
  ),
  is_encoder_decoder: [false],
  add_cross_attention: [false],
  tie_encoder_decoder: [false],
  pruned_heads: [{}],
  use_bfloat16: [false],
};

const own: Readonly<Record<string, Readonly<Record<string, Inert>>>> = {
  gpt2: {
    ...any(
      'attn_pdrop',
      'embd_pdrop',
      'resid_pdrop',
      'summary_activation',
      'summary_first_dropout',
      'summary_proj_to_labels',
      'summary_type',
      'summary_use_proj',
      'predict_special_tokens',
      // Only the order of the same operations in half precision.
      'reorder_and_upcast_attn',
    ),
    n_special: [0],
    architectures: [['GPT2LMHeadModel'], ['GPT2Model']],
  },
  opt: {
    // `output_projection` is of the code that OPT was trained with: the library reads it nowhere.
    ...any('activation_dropout', 'dropout', 'layerdrop', 'init_std', 'output_projection'),
    architectures: [['OPTForCausalLM'], ['OPTModel']],
  },
  qwen2: {
    // Of the windows, which `use_sliding_window` turns on: that is required to be false.
    ...any('max_window_layers', 'sliding_window'),
    use_mrope: [false],
    architectures: [['Qwen2ForCausalLM'], ['Qwen2Model']],
  },
  gpt_neox: {
    ...any('classifier_dropout', 'attention_probs_dropout_prob', 'hidden_dropout_prob'),
    architectures: [['GPTNeoXForCausalLM'], ['GPTNeoXModel']],
  },
};

/** What a member may be without changing anything; undefined if that is not known. */
export function inertMembers(type: string, key: string): Inert | undefined {
  const members = own[type] ?? {};
  if (Object.hasOwn(members, key)) return members[key];
  return Object.hasOwn(common, key) ? common[key] : undefined;
}
