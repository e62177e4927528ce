#include "services/verify/system_call_filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "config/base/system_error.h"

namespace moerge {
namespace {

constexpr int kForbidden[] = {SCMP_SYS(socket),
                              SCMP_SYS(connect),
                              SCMP_SYS(bind),
                              SCMP_SYS(listen),
                              SCMP_SYS(memfd_create),
                              SCMP_SYS(memfd_secret),
                              SCMP_SYS(shmget),
                              SCMP_SYS(shmat),
                              SCMP_SYS(semget),
                              SCMP_SYS(msgget),
                              SCMP_SYS(mq_open),
                              SCMP_SYS(unshare),
                              SCMP_SYS(setns),
                              SCMP_SYS(mount),
                              SCMP_SYS(umount2),
                              SCMP_SYS(pivot_root),
                              SCMP_SYS(chroot),
                              SCMP_SYS(fsopen),
                              SCMP_SYS(fsmount),
                              SCMP_SYS(open_tree),
                              SCMP_SYS(move_mount),
                              SCMP_SYS(ptrace),
                              SCMP_SYS(process_vm_readv),
                              SCMP_SYS(process_vm_writev),
                              SCMP_SYS(pidfd_getfd),
                              SCMP_SYS(kcmp),
                              SCMP_SYS(add_key),
                              SCMP_SYS(request_key),
                              SCMP_SYS(keyctl),
                              SCMP_SYS(bpf),
                              SCMP_SYS(perf_event_open),
                              SCMP_SYS(userfaultfd),
                              SCMP_SYS(io_uring_setup),
                              SCMP_SYS(io_uring_enter),
                              SCMP_SYS(io_uring_register),
                              SCMP_SYS(fanotify_init),
                              SCMP_SYS(inotify_init),
                              SCMP_SYS(inotify_init1),
                              SCMP_SYS(open_by_handle_at),
                              SCMP_SYS(name_to_handle_at),
                              SCMP_SYS(personality),
                              SCMP_SYS(vmsplice),
                              SCMP_SYS(syslog),
                              SCMP_SYS(acct),
                              SCMP_SYS(quotactl),
                              SCMP_SYS(swapon),
                              SCMP_SYS(swapoff),
                              SCMP_SYS(reboot),
                              SCMP_SYS(kexec_load),
                              SCMP_SYS(init_module),
                              SCMP_SYS(finit_module),
                              SCMP_SYS(delete_module),
                              SCMP_SYS(iopl),
                              SCMP_SYS(ioperm),
                              SCMP_SYS(mbind),
                              SCMP_SYS(migrate_pages),
                              SCMP_SYS(move_pages),
                              SCMP_SYS(lookup_dcookie)};

// A new namespace by clone() is refused; what clone3() is asked for lies in memory, where no filter
// reads, so it is said not to exist and the C library falls back on clone().
bool ForbidNamespaces(scmp_filter_ctx filter) {
  bool added = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
  for (const unsigned long flag :
       {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS}) {
    const scmp_arg_cmp asked = SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag);
    added = added &&
            seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &asked) == 0;
  }
  return added;
}

// Terminals: no input may be put into one.
bool ForbidInput(scmp_filter_ctx filter) {
  constexpr unsigned long kPushInput = 0x5412;  // TIOCSTI
  constexpr unsigned long kLow = 0xFFFFFFFF;
  const scmp_arg_cmp asked = SCMP_A1(SCMP_CMP_MASKED_EQ, kLow, kPushInput);
  return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, &asked) == 0;
}

bool ForbidAll(scmp_filter_ctx filter) {
  for (const int call : kForbidden) {
    // Calls that this machine has not are skipped by the library.
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) != 0) return false;
  }
  return ForbidNamespaces(filter) && ForbidInput(filter);
}

}  // namespace

Result<Descriptor> SystemCallFilter() {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                                seccomp_release);
  if (!filter || !ForbidAll(filter.get())) {
    return Error{ErrorCode::kUnavailable,
                 "no filter of system calls can be built for this machine"};
  }
  Descriptor file(memfd_create("filter", MFD_CLOEXEC));
  if (!file || seccomp_export_bpf(filter.get(), file.get()) != 0 ||
      lseek(file.get(), 0, SEEK_SET) != 0) {
    return SystemError(ErrorCode::kUnavailable, "cannot keep the filter of system calls in",
                       "memory");
  }
  return file;
}

}  // namespace moerge
