#include "CLimits.h"
void roost_limits_placeholder(void) {}
