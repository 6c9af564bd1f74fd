import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fisherFSurvival,
  kolmogorovSurvival,
  normalQuantile,
  normalSurvival,
  regularizedBeta,
  studentTCdf,
  studentTQuantile,
} from '../../../numerics/statistics/distributions.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);
}

test('the beta distribution function has its closed forms', () => {
  for (const x of [0.01, 0.3, 0.5, 0.77, 0.999]) {
    near(regularizedBeta(x, 1, 1), x, 1e-14);
    near(regularizedBeta(x, 3, 1), x ** 3, 1e-14);
    near(regularizedBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-13);
    near(regularizedBeta(x, 2.5, 7), 1 - regularizedBeta(1 - x, 7, 2.5), 1e-13);
  }
  assert.equal(regularizedBeta(0, 2, 3), 0);
  assert.equal(regularizedBeta(1, 2, 3), 1);
});

test('Student quantiles are those of printed tables', () => {
  near(studentTQuantile(0.975, 1), 12.7062047, 1e-6);
  near(studentTQuantile(0.975, 4), 2.7764451, 1e-6);
  near(studentTQuantile(0.995, 10), 3.1692727, 1e-6);
  near(studentTQuantile(0.975, 120), 1.9799304, 1e-6);
  near(studentTQuantile(0.025, 4), -2.7764451, 1e-6);
  near(studentTCdf(studentTQuantile(0.9, 7), 7), 0.9, 1e-13);
});

test('F is the square of t for one numerator degree of freedom, and has its tabulated 5% point', () => {
  near(fisherFSurvival(2.7764451 ** 2, 1, 4), 0.05, 1e-7);
  near(fisherFSurvival(3.3258345, 5, 10), 0.05, 1e-7);
});

test('the normal tail is right near the centre, across the switch of methods and far out', () => {
  near(normalSurvival(0), 0.5, 1e-16);
  near(normalSurvival(1.959963984540054), 0.025, 1e-14);
  near(normalSurvival(2.4999999) / normalSurvival(2.5000001), 1, 1e-6);
  near(normalSurvival(6) / 9.865876450376981e-10, 1, 1e-10);
  near(normalSurvival(-1), 0.8413447460685429, 1e-14);
  near(normalQuantile(0.975), 1.959963984540054, 1e-12);
  near(normalQuantile(0.001), -3.090232306167813, 1e-10);
});

test('Kolmogorov-Smirnov has its asymptotic critical values', () => {
  near(kolmogorovSurvival(1.3581 / 1000, 1e6), 0.05, 1e-4);
  near(kolmogorovSurvival(1.6276 / 1000, 1e6), 0.01, 1e-4);
  assert.equal(kolmogorovSurvival(0, 100), 1);
});
