# average.sh OUTPUT SAMPLE...: the mean over the samples, and its standard error
output=$1
shift
tail -q -n 1 "$@" | awk -F , '
  { n++; sum += $3; squares += $3 * $3 }
  END {
    mean = sum / n
    error = n > 1 ? sqrt((squares / n - mean * mean) / (n - 1)) : 0
    printf "{\"mean\": %.6f, \"error\": %.6f}\n", mean, error
  }' > "$output"
