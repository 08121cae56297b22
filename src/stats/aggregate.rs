//! Several scores of one output into one: mean, median, Dawid-Skene.
