/** The native packages are optional peers: whether they are installed or not, they are TensorFlow.js's core and more. */
declare module '@tensorflow/tfjs-node' {
  export * from '@tensorflow/tfjs-core';
}
declare module '@tensorflow/tfjs-node-gpu' {
  export * from '@tensorflow/tfjs-core';
}
