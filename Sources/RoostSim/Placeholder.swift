enum RoostSimPlaceholder {}
