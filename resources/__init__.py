"""Files that ship with the application: fonts, icons, presets, samples, templates."""
