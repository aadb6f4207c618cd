/*
 * pause: the process that holds a pod's namespaces while its containers come and go.
 *
 * It does what Kubernetes' own does (kubernetes/build/pause/linux/pause.c): sleeps until SIGINT or SIGTERM ends
 * the pod, and, being PID 1 of the pod when shareProcessNamespace is set, reaps orphans. It uses no CPU and
 * shows in ps as /pause.
 *
 * Build: gcc -static -Os -Wall -Wextra -s -o pause pause.c
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  sigset_t wanted;
  int number;

  if (argc > 1 && strcmp(argv[1], "-v") == 0) {
    puts("pause.c (hoplab)");
    return 0;
  }
  if (getpid() != 1)
    fputs("warning: pause should be the first process\n", stderr);

  /* Blocked and waited for, rather than handled: no signal can slip in between the test and the sleep. */
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &wanted, NULL) != 0) {
    perror("pause: sigprocmask");
    return 1;
  }
  for (;;) {
    while (waitpid(-1, NULL, WNOHANG) > 0)
      ;
    if (sigwait(&wanted, &number) == 0 && number != SIGCHLD)
      return 0;
  }
}
