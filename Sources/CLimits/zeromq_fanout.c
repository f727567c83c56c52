#include "CLimits.h"
#include "clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static const char topic[] = "order.OrderPlaced", end_topic[] = "order.end";

static double failed(const char *call) {
    fprintf(stderr, "%s: %s\n", call, zmq_strerror(zmq_errno()));
    return -1;
}

/* No high-water marks: nothing may be dropped while the rate is measured. */
static void *open_socket(void *context, int type) {
    int unlimited = 0, linger = type == ZMQ_SUB ? 0 : 10000;
    void *socket = zmq_socket(context, type);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    return socket;
}

/* XPUB is PUB that also says who has subscribed. */
static double publish(void *socket, const char *endpoint, int subscribers, int64_t count, int bytes) {
    int verbose = 1;
    char subscription[64];
    zmq_setsockopt(socket, ZMQ_XPUB_VERBOSE, &verbose, sizeof verbose);
    if (zmq_bind(socket, endpoint)) return failed("zmq_bind");
    for (int index = 0; index < subscribers; index++)
        if (zmq_recv(socket, subscription, sizeof subscription, 0) < 0) return failed("zmq_recv");
    char *body = malloc((size_t)bytes);
    memset(body, 'A', (size_t)bytes);
    double start = seconds_now();
    for (int64_t index = 0; index < count; index++)
        if (zmq_send(socket, topic, sizeof topic - 1, ZMQ_SNDMORE) < 0 || zmq_send(socket, body, (size_t)bytes, 0) < 0)
            return failed("zmq_send");
    double rate = (double)count / (seconds_now() - start);
    free(body);
    return zmq_send(socket, end_topic, sizeof end_topic - 1, 0) < 0 ? failed("zmq_send") : rate;
}

static double subscribe(void *socket, const char *endpoint, int64_t count) {
    zmq_msg_t message;
    int64_t received = 0;
    double start = 0;
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "order.", 6) || zmq_connect(socket, endpoint)) return failed("zmq_connect");
    zmq_msg_init(&message);
    while (1) {
        if (zmq_msg_recv(&message, socket, 0) < 0) return failed("zmq_msg_recv");
        if (!zmq_msg_more(&message)) break;
        if (received == 0) start = seconds_now();
        if (zmq_msg_recv(&message, socket, 0) < 0) return failed("zmq_msg_recv");
        received++;
    }
    double seconds = seconds_now() - start;
    zmq_msg_close(&message);
    if (received == count) return (double)received / seconds;
    fprintf(stderr, "received %lld of %lld messages\n", (long long)received, (long long)count);
    return -1;
}

double roost_limit_publish(const char *endpoint, int subscribers, int64_t count, int bytes) {
    void *context = zmq_ctx_new(), *socket = open_socket(context, ZMQ_XPUB);
    double rate = publish(socket, endpoint, subscribers, count, bytes);
    zmq_close(socket);
    zmq_ctx_term(context);
    return rate;
}

double roost_limit_subscribe(const char *endpoint, int64_t count) {
    void *context = zmq_ctx_new(), *socket = open_socket(context, ZMQ_SUB);
    double rate = subscribe(socket, endpoint, count);
    zmq_close(socket);
    zmq_ctx_term(context);
    return rate;
}
