# fit.R POINTS OUTPUT: the slope of a straight line, and its standard error
arguments <- commandArgs(trailingOnly = TRUE)
model <- summary(lm(response ~ dose, data = read.csv(arguments[1])))
slope <- model$coefficients["dose", ]
cat(sprintf('{"slope": %.6f, "error": %.6f}\n', slope["Estimate"], slope["Std. Error"]), file = arguments[2])
