// What the kernel alone asks for the traffic of a hub: a server of one thread and epoll that does nothing but the system calls.
// The other end is a second process, so that only the server's processor time is counted; on loopback the sender's time holds the
// receiver's TCP as well, here as in the hub.
//
//   floor send CLIENTS BYTES SENDS_PER_SECOND SECONDS
//       SENDS_PER_SECOND calls of send() over all clients, in bursts of 10 ms as the hub's phases are. Nothing is received.
//   floor bursts CLIENTS BYTES SENDS_PER_SECOND SECONDS THREADS
//       the same, each burst shared among THREADS threads that wait for each other at its end: what a second thread could save a hub
//       at most, whose phases are such bursts. Prints also the mean and the 99th percentile of a burst's wall time.
//   floor naive CLIENTS BYTES SECONDS
//       each 50 ms one recv() of 28 bytes from each client and one send() of BYTES to it.
//
// Prints one line of JSON: sends, recvs, cpuSeconds of the server, seconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_BYTES = 28, BATCH = 512, TICK_MS = 50, PHASE_MS = 10 };

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_until(double moment) {
  struct timespec t = {(time_t)moment, (long)((moment - (double)(time_t)moment) * 1e9)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
  }
}

static long number(const char *text, long low, long high) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*text == 0 || *end != 0 || value < low || value > high) {
    fprintf(stderr, "floor: \"%s\" is not a number from %ld to %ld\n", text, low, high);
    exit(64);
  }
  return value;
}

static int watch(int *sockets, long count) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) die("epoll_create1");
  for (long i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sockets[i]};
    if (epoll_ctl(set, EPOLL_CTL_ADD, sockets[i], &event) != 0) die("epoll_ctl");
  }
  return set;
}

// Reads each readable socket once; how many. 0 bytes (the other end is gone) ends the process where `ends` says so.
static long read_ready(int set, char *buffer, size_t room, int wait_ms, int ends) {
  struct epoll_event events[BATCH];
  long reads = 0;
  for (;;) {
    int count = epoll_wait(set, events, BATCH, wait_ms);
    for (int i = 0; i < count; i++) {
      ssize_t got = recv(events[i].data.fd, buffer, room, MSG_DONTWAIT);
      if (got == 0 && ends) exit(0);
      if (got > 0) reads++;
    }
    if (count < BATCH) return reads;
    wait_ms = 0;
  }
}

// The clients: read all that comes, and in naive mode send their input each 50 ms, each at its own moment.
static void be_clients(int *sockets, long count, int sends) {
  static char buffer[1 << 16];
  char input[INPUT_BYTES] = {0};
  int set = watch(sockets, count);
  double start = now(CLOCK_MONOTONIC);
  for (long step = 0;; step++) {
    if (sends) {
      for (long i = step % PHASE_MS; i < count; i += PHASE_MS) {
        if (send(sockets[i], input, sizeof input, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN) exit(0);
      }
    }
    read_ready(set, buffer, sizeof buffer, 0, 1);
    sleep_until(start + (double)(step + 1) * TICK_MS / PHASE_MS / 1e3);
  }
}

// A burst, shared: thread n of m sends to every m-th of the clients whose turn it is.
static struct {
  int *sockets, threads, over;
  long clients, first, count, bytes, sent[16];
  char *frame;
  pthread_barrier_t begin, end;
} shared;

static void send_part(int thread) {
  for (long i = thread; i < shared.count; i += shared.threads) {
    int to = shared.sockets[(shared.first + i) % shared.clients];
    if (send(to, shared.frame, (size_t)shared.bytes, MSG_DONTWAIT | MSG_NOSIGNAL) == shared.bytes) shared.sent[thread]++;
  }
}

static void *worker(void *thread) {
  for (;;) {
    pthread_barrier_wait(&shared.begin);
    if (shared.over) return NULL;
    send_part((int)(intptr_t)thread);
    pthread_barrier_wait(&shared.end);
  }
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int naive = argc == 5 && strcmp(argv[1], "naive") == 0;
  int threaded = argc == 7 && strcmp(argv[1], "bursts") == 0;
  if (!naive && !threaded && !(argc == 6 && strcmp(argv[1], "send") == 0)) {
    fprintf(stderr, "usage: floor send CLIENTS BYTES SENDS_PER_SECOND SECONDS | floor naive CLIENTS BYTES SECONDS |\n"
                    "       floor bursts CLIENTS BYTES SENDS_PER_SECOND SECONDS THREADS\n");
    return 64;
  }
  int threads = threaded ? (int)number(argv[6], 1, 16) : 1;
  long clients = number(argv[2], 1, 20000);
  long bytes = number(argv[3], 1, 65536);
  double rate = naive ? 1e3 / TICK_MS * (double)clients : (double)number(argv[4], 1, 10000000);
  long seconds = number(argv[threaded ? argc - 2 : argc - 1], 1, 600);

  struct rlimit files = {(rlim_t)clients * 2 + 64, (rlim_t)clients * 2 + 64}, have;
  getrlimit(RLIMIT_NOFILE, &have);
  files.rlim_max = have.rlim_max > files.rlim_max ? have.rlim_max : files.rlim_max;
  if (have.rlim_cur < files.rlim_cur && setrlimit(RLIMIT_NOFILE, &files) != 0) die("too few file descriptors");

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 4096) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0)
    die("listen");
  int *ours = calloc((size_t)clients, sizeof(int)), *theirs = calloc((size_t)clients, sizeof(int));
  int on = 1, low = 4096;
  for (long i = 0; i < clients; i++) {
    theirs[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (theirs[i] < 0 || connect(theirs[i], (struct sockaddr *)&address, length) != 0) die("connect");
    ours[i] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (ours[i] < 0) die("accept");
    // As the hub sets them.
    setsockopt(ours[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(ours[i], IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof low);
    setsockopt(theirs[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (long i = 0; i < clients; i++) close(ours[i]);
    be_clients(theirs, clients, naive);
  }
  for (long i = 0; i < clients; i++) close(theirs[i]);

  char *frame = calloc(1, (size_t)bytes), buffer[4096];
  int set = watch(ours, clients);
  int burst_ms = naive ? TICK_MS : PHASE_MS;
  long sends = 0, recvs = 0, turn = 0;
  double owed = 0, counted_from = 0, cpu_from = 0;
  shared.sockets = ours, shared.clients = clients, shared.bytes = bytes, shared.frame = frame, shared.threads = threads;
  pthread_barrier_init(&shared.begin, NULL, (unsigned)threads);
  pthread_barrier_init(&shared.end, NULL, (unsigned)threads);
  pthread_t workers[16];
  for (int i = 1; i < threads; i++) {
    if (pthread_create(&workers[i], NULL, worker, (void *)(intptr_t)i) != 0) die("pthread_create");
  }
  double *walls = calloc((size_t)(seconds * 1000 / burst_ms) + 1, sizeof(double));
  long walled = 0;
  double start = now(CLOCK_MONOTONIC);
  // Half a second to warm up, then what is counted.
  long bursts = (seconds * 1000 + 500) / burst_ms, warm = 500 / burst_ms;
  for (long burst = 0; burst < bursts; burst++) {
    sleep_until(start + (double)burst * burst_ms / 1e3);
    if (burst == warm) {
      sends = recvs = walled = 0;
      memset(shared.sent, 0, sizeof shared.sent);
      counted_from = now(CLOCK_MONOTONIC);
      cpu_from = now(CLOCK_PROCESS_CPUTIME_ID);
    }
    if (naive) recvs += read_ready(set, buffer, sizeof buffer, 0, 0);
    owed += rate * burst_ms / 1e3;
    shared.first = turn, shared.count = (long)owed;
    owed -= (double)shared.count;
    turn = (turn + shared.count) % clients;
    double began = now(CLOCK_MONOTONIC);
    if (threads > 1) pthread_barrier_wait(&shared.begin);
    send_part(0);
    if (threads > 1) pthread_barrier_wait(&shared.end);
    if (burst >= warm && walled <= seconds * 1000 / burst_ms) walls[walled++] = now(CLOCK_MONOTONIC) - began;
  }
  for (int i = 0; i < threads; i++) sends += shared.sent[i];
  double cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_from, elapsed = now(CLOCK_MONOTONIC) - counted_from;
  double total = 0;
  for (long i = 0; i < walled; i++) total += walls[i];
  qsort(walls, (size_t)walled, sizeof *walls, ascending);
  printf("{\"sends\": %ld, \"recvs\": %ld, \"cpuSeconds\": %.6f, \"seconds\": %.3f, \"burstMsMean\": %.3f, \"burstMsP99\": %.3f}\n",
         sends, recvs, cpu, elapsed, total / (double)walled * 1e3, walls[walled * 99 / 100] * 1e3);
  if (threads > 1) {
    shared.over = 1;
    pthread_barrier_wait(&shared.begin);
    for (int i = 1; i < threads; i++) pthread_join(workers[i], NULL);
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return 0;
}
