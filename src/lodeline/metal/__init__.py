"""From events to facts about metal: lots, weighings, assays, movements, holdings."""
