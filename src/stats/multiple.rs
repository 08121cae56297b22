//! Many tests at once: Bonferroni, Holm, Benjamini-Hochberg, Benjamini-Yekutieli.
