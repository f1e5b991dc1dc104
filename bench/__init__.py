"""What `make bench` runs: the service beside a floor and a plain baseline, in one run, on both databases."""
