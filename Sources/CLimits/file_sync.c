#include "CLimits.h"
#include "clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

double roost_limit_sync(const char *file, int count) {
    char block[4096];
    memset(block, 'A', sizeof block);
    int descriptor = open(file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        perror(file);
        return -1;
    }
    double start = seconds_now();
    int failure = 0;
    for (int index = 0; index < count && !failure; index++)
        failure = pwrite(descriptor, block, sizeof block, (off_t)index * 4096) != sizeof block || fdatasync(descriptor);
    double rate = (double)count / (seconds_now() - start);
    if (failure) perror(file);
    close(descriptor);
    return failure ? -1 : rate;
}
