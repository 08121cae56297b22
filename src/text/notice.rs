//! Text that speaks to a grader, holds fake scores or hides characters: said, never silently dropped.
