enum RoostTestingPlaceholder {}
