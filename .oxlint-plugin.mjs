// @ts-check
/** Rules of this project's own, for oxlint. */

/** Math functions that engines round differently, and the one that is random. */
const inexact = new Set(
  'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow random sin sinh tan tanh'.split(
    ' ',
  ),
);

/** @param {any} node */
const isNamed = (node, /** @type {string} */ name) => node?.type === 'Identifier' && node.name === name;

/**
 * Code of stages gives the same bytes on every machine and at every time: no Math function that engines round differently, no power, no clock.
 * With `{ mathFunctions: true }` the functions of Math are allowed.
 */
const sameEverywhere = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { mathFunctions: { type: 'boolean' } }, additionalProperties: false }],
  },
  /** @param {any} context */
  create(context) {
    const mathAllowed = context.options[0]?.mathFunctions === true;
    const elementary = 'Engines differ in its last bits, or it is random: use numerics/elementary.ts.';
    const clock = 'No output of a stage may depend on the time.';
    /** @param {any} node @param {string} message */
    const report = (node, message) => context.report({ node, message });
    return {
      /** @param {any} node */
      MemberExpression(node) {
        const name = node.computed ? node.property.value : node.property.name;
        if (!mathAllowed && isNamed(node.object, 'Math') && inexact.has(name))
          report(node, `Math.${name}: ${elementary}`);
        if (isNamed(node.object, 'Date') && name === 'now') report(node, `Date.now: ${clock}`);
      },
      /** @param {any} node */
      BinaryExpression(node) {
        if (node.operator === '**' && !(node.left.type === 'Literal' && node.right.type === 'Literal'))
          report(node, `**: ${elementary}`);
      },
      /** @param {any} node */
      AssignmentExpression(node) {
        if (node.operator === '**=') report(node, `**=: ${elementary}`);
      },
      /** @param {any} node */
      VariableDeclarator(node) {
        if (mathAllowed || !isNamed(node.init, 'Math') || node.id.type !== 'ObjectPattern') return;
        for (const { key } of node.id.properties)
          if (inexact.has(key?.name)) report(node, `Math.${key.name}: ${elementary}`);
      },
      /** @param {any} node */
      NewExpression(node) {
        if (isNamed(node.callee, 'Date')) report(node, `new Date: ${clock}`);
      },
    };
  },
};

export default { meta: { name: 'project' }, rules: { 'same-everywhere': sameEverywhere } };
