#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/// Names the calling thread for `ps` and debuggers; `prctl` takes variable arguments, which Swift cannot pass.
static inline void roost_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
