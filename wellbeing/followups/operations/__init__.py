"""What is done with promises: plans, attempts and answers, sweeps, and the moves they share."""
