#include "gc/quiet_terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

namespace marconi::gc {
namespace {

/// A terminal of the test's own; not the one that the test was started from.
class QuietTerminalTest : public testing::Test {
 protected:
  QuietTerminalTest() {
    grantpt(master_);
    unlockpt(master_);
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(terminal_, 0);
  }
  ~QuietTerminalTest() override {
    close(terminal_);
    close(master_);
  }

  [[nodiscard]] tcflag_t flags() const {
    termios attributes{};
    EXPECT_EQ(tcgetattr(terminal_, &attributes), 0);
    return attributes.c_lflag;
  }
  void set_echo(bool on) const {
    termios attributes{};
    tcgetattr(terminal_, &attributes);
    attributes.c_lflag = on ? attributes.c_lflag | ECHO : attributes.c_lflag & ~tcflag_t{ECHO};
    tcsetattr(terminal_, TCSANOW, &attributes);
  }

  int master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  int terminal_ = -1;
};

TEST_F(QuietTerminalTest, echo_alone_is_off_while_it_lives) {
  const auto before = flags();
  ASSERT_TRUE(before & ECHO);
  {
    const QuietTerminal quiet(terminal_);
    EXPECT_EQ(flags(), before & ~tcflag_t{ECHO});
  }
  EXPECT_EQ(flags(), before);
}

TEST_F(QuietTerminalTest, can_be_restored_early_and_only_once) {
  QuietTerminal quiet(terminal_);
  quiet.restore();
  EXPECT_TRUE(flags() & ECHO);
  set_echo(false);  // by somebody else
  quiet.restore();
  EXPECT_FALSE(flags() & ECHO);
}

TEST_F(QuietTerminalTest, a_terminal_without_echo_stays_so) {
  set_echo(false);
  {
    const QuietTerminal quiet(terminal_);
  }
  EXPECT_FALSE(flags() & ECHO);
}

TEST_F(QuietTerminalTest, what_is_no_terminal_is_left_alone) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  QuietTerminal quiet(file);
  quiet.restore();
  close(file);
}

TEST_F(QuietTerminalTest, a_terminal_that_is_gone_does_no_harm) {
  QuietTerminal quiet(terminal_);
  close(master_);
  quiet.restore();
}

}  // namespace
}  // namespace marconi::gc
