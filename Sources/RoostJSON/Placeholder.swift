enum RoostJSONPlaceholder {}
