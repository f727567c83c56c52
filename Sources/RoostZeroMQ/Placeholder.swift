enum RoostZeroMQPlaceholder {}
