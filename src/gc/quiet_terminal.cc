#include "gc/quiet_terminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

namespace marconi::gc {
namespace {

/// Sets attributes even from the background, where that would stop the process.
void set(int file, const termios& attributes) {
  sigset_t would_stop;
  sigset_t before;
  sigemptyset(&would_stop);
  sigaddset(&would_stop, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &would_stop, &before);
  tcsetattr(file, TCSANOW, &attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

QuietTerminal::QuietTerminal(int file) : file_(file) {
  termios attributes{};
  if (tcgetattr(file, &attributes) != 0) return;  // no terminal
  const auto foreground = tcgetpgrp(file);        // negative: the terminal is not the process's own
  if ((attributes.c_lflag & ECHO) == 0 || (foreground >= 0 && foreground != getpgrp())) return;
  attributes.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  set(file, attributes);
  quiet_ = true;
}

void QuietTerminal::restore() {
  const std::lock_guard lock(mutex_);
  termios attributes{};
  if (!quiet_ || tcgetattr(file_, &attributes) != 0) return;
  attributes.c_lflag |= ECHO;
  set(file_, attributes);
  quiet_ = false;
}

}  // namespace marconi::gc
