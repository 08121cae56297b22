//! tribunal.yaml: from the file to checked settings.
