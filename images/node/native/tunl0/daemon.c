#include "tunl0/daemon.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tunl0/log.h"

static bool background(void) {
    pid_t child = fork();
    if (child < 0) return log_errno("fork");
    if (child > 0) _exit(0);
    setsid();
    if (chdir("/") < 0) return log_errno("chdir /");
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return log_errno("/dev/null");
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close(null);
    return true;
}

bool daemon_ready(bool foreground, int ready_fd) {
    if (!foreground && !background()) return false;
    if (ready_fd < 0) return true;
    if (write(ready_fd, "ready\n", 6) != 6) return log_errno("--ready-fd %d", ready_fd);
    close(ready_fd);
    return true;
}

void daemon_schedule(bool bulk) {
    static bool said;
    struct sched_param none = {0};
    if (sched_setscheduler(0, bulk ? SCHED_BATCH : SCHED_OTHER, &none) < 0 && !said) {
        said = true;
        log_errno("scheduling policy");
    }
}

bool daemon_drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return log_errno("PR_SET_NO_NEW_PRIVS");
    return syscall(SYS_capset, &header, none) == 0 || log_errno("capset");
}
