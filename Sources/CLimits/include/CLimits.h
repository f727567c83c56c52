void roost_limits_placeholder(void);
