enum RoostTracePlaceholder {}
