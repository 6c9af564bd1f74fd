# throw.sh SEED COUNT OUTPUT: throws of a die, and their mean so far
awk -v seed="$1" -v count="$2" 'BEGIN {
  # A linear congruential generator: the same seed gives the same throws on every machine.
  state = seed * 7919
  print "seed,throw,mean"
  for (i = 1; i <= count; i++) {
    state = (state * 48271) % 2147483647
    sum += 1 + int(state / 1000) % 6
    printf "%d,%d,%.6f\n", seed, i, sum / i
  }
}' > "$3"
