// Runs the program as an administrator would.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

namespace marconi::server {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A run of marconi-server, its output and errors in one pipe.
class ServerRun {
 public:
  explicit ServerRun(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    arguments.insert(arguments.begin(), MARCONI_SERVER);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    EXPECT_EQ(posix_spawn(&process_, MARCONI_SERVER, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
  }
  ServerRun(const ServerRun&) = delete;
  ServerRun& operator=(const ServerRun&) = delete;
  ~ServerRun() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(output_);
  }

  /// Reads on until the output holds `text`, or ends; all of it so far.
  const std::string& read_until(std::string_view text) {
    std::array<char, 4096> buffer{};
    while (text_.find(text) == text_.npos) {
      const auto size = read(output_, buffer.data(), buffer.size());
      if (size <= 0) break;
      text_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text_;
  }

  const std::string& read_all() { return read_until(std::string(1, '\0')); }

  [[nodiscard]] pid_t process() const { return process_; }

  void send(int signal) const { kill(process_, signal); }

  /// Waits for the end; the exit status, or minus the signal.
  int wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t process_ = 0;
  int output_ = -1;
  std::string text_;
};

class MainTest : public testing::Test {
 protected:
  MainTest() {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~MainTest() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_ / name).string();
  }

  std::string config(std::string_view text) {
    std::ofstream(path("m.conf")) << text;
    return path("m.conf");
  }

  /// Arguments of a server with an ephemeral store and port.
  std::vector<std::string> serving(std::string_view text = "") {
    return {"--config-file", config(text),
            "--option",      "drivers:transport:wsgi.port=0",
            "--option",      "drivers.message_store=memory"};
  }

  fs::path directory_ = fs::path(testing::TempDir()) / "marconi_main_test" /
                        testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(MainTest, tells_its_version) {
  ServerRun run({"--version"});
  EXPECT_EQ(run.read_all(), "marconi-server " MARCONI_VERSION "\n");
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(MainTest, help_names_every_switch) {
  ServerRun run({"--help"});
  for (const auto* name : {"--version", "--config-file", "--config-dir", "--option", "--admin_mode",
                           "--debug", "--log-file", "--check-config", "--print-sample-config",
                           "--print-option-reference", "SIGHUP", "Exit status"}) {
    EXPECT_THAT(run.read_all(), HasSubstr(name));
  }
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(MainTest, unknown_switches_are_refused) {
  ServerRun run({"--no-such-switch"});
  EXPECT_THAT(run.read_all(), HasSubstr("--no-such-switch"));
  EXPECT_EQ(run.wait(), 1);
}

TEST_F(MainTest, check_config_shows_changes_without_secrets) {
  ServerRun run({"--check-config", "--config-file",
                 config("[DEFAULT]\ndebug = yes\n"
                        "[drivers]\nmessage_store = embedded\n"
                        "[drivers:message_store:mongodb]\nuri = mongodb://u:hunter2@h\n"),
                 "--admin_mode", "--option", "transport.max_claim_ttl=99"});
  const auto& text = run.read_all();
  EXPECT_THAT(text, HasSubstr("[DEFAULT] debug = true  (" + path("m.conf") + ":2)\n"));
  EXPECT_THAT(text, HasSubstr("[DEFAULT] admin_mode = true  (--admin_mode)\n"));
  EXPECT_THAT(text, HasSubstr("[transport] max_claim_ttl = 99  (--option)\n"));
  EXPECT_THAT(text, HasSubstr("uri = ***"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(MainTest, bad_configuration_ends_with_one_line_and_status_1) {
  for (const auto* text : {"[DEFAULT]\ndebug = maybe\n", "[DEFAULT]\nauth_strategy = keystone\n"}) {
    for (const auto* mode : {"--check-config", "--admin_mode"}) {
      ServerRun run({mode, "--config-file", config(text)});
      const auto& output = run.read_all();
      EXPECT_THAT(output, StartsWith("marconi-server: " + path("m.conf") + ":2: [DEFAULT] "));
      EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
      EXPECT_EQ(run.wait(), 1);
    }
  }
}

TEST_F(MainTest, a_start_that_fails_ends_with_status_1) {
  ServerRun run({"--config-file", config("[DEFAULT]\nlog_dir = " + path("m.conf") + "\n")});
  EXPECT_THAT(run.read_all(), StartsWith("marconi-server: log file "));
  EXPECT_EQ(run.wait(), 1);
}

TEST_F(MainTest, serves_until_told_to_stop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ServerRun run(serving());
    EXPECT_THAT(run.read_until("listening on http://127.0.0.1:"), HasSubstr("listening on"));
    run.send(signal);
    EXPECT_THAT(run.read_all(), HasSubstr("stopped"));
    EXPECT_EQ(run.wait(), 0);
  }
}

TEST_F(MainTest, a_killed_server_leaves_nothing_in_shared_memory) {
  unsetenv("MONGOC_DISABLE_SHM");  // which this program, made of the same parts, has set for itself
  ServerRun run(serving());
  run.read_until("listening on ");
  const auto name = std::to_string(run.process());
  run.send(SIGKILL);
  EXPECT_EQ(run.wait(), -SIGKILL);
  for (const auto& entry : fs::directory_iterator("/dev/shm")) {
    EXPECT_THAT(entry.path().filename().string(), Not(EndsWith("-" + name)));
  }
}

TEST_F(MainTest, hangup_opens_the_log_file_anew) {
  const auto log = path("m.log");
  ServerRun run(serving("[DEFAULT]\nuse_stderr = true\nlog_file = " + log + "\n"));
  run.read_until("listening on");
  fs::rename(log, log + ".1");
  run.send(SIGHUP);
  run.read_until("opened the log file anew");
  EXPECT_TRUE(fs::exists(log));
  run.send(SIGTERM);
  run.read_all();
  EXPECT_EQ(run.wait(), 0);
}

}  // namespace
}  // namespace marconi::server
