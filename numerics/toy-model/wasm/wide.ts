/** Wide models, where it pays to find out first what need not be computed (screen.as.ts), and to copy W for its gradient (spread.as.ts). */
export const leastWide = 256;
