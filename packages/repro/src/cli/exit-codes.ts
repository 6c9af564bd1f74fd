/** Of a verb that runs nodes again and compares: it found nothing wrong, but some of the nodes could not run here. */
export const notRunExitCode = 3;
