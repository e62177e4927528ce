#include "services/verify/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/services/verify/sandbox_fixture.h"

namespace moerge {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr char kNothing[] = "pass";

void ExpectPasses(const std::string& answer, const std::string& tests) {
  const auto verdict = RunPython(answer, tests);
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_TRUE(verdict->passed) << verdict->why;
  EXPECT_EQ(verdict->why, "");
}

std::string WhyFails(const std::string& answer, const std::string& tests = kNothing,
                     milliseconds timeout = std::chrono::minutes(2)) {
  const auto verdict = RunPython(answer, tests, timeout);
  if (!verdict.ok()) return "error: " + verdict.error().message;
  EXPECT_FALSE(verdict->passed);
  EXPECT_LE(verdict->why.size(), 400u);
  return verdict->why;
}

TEST_F(SandboxTest, CodeThatIsRightPasses) {
  ExpectPasses("def f(x):\n    return x * 2", "assert f(2) == 4");
}

TEST_F(SandboxTest, TheLibraryOfTheLanguageIsThere) {
  ExpectPasses(
      "import json, re, math, dataclasses, collections, datetime, decimal\n"
      "@dataclasses.dataclass\nclass P:\n    x: int\n",
      "assert P(3).x == 3 and json.loads('[1]') == [1]");
}

TEST_F(SandboxTest, AFailedAssertionIsNamedWithItsLine) {
  EXPECT_THAT(WhyFails("def f(x): return x", "assert f(1) == 1\nassert f(2) == 4"),
              HasSubstr("the tests fail: AssertionError:  (line 2: assert f(2) == 4)"));
}

TEST_F(SandboxTest, CodeThatDoesNotCompileIsTheAnswersFault) {
  EXPECT_THAT(WhyFails("def f(x) return x"), HasSubstr("the answer's code fails: SyntaxError"));
}

TEST_F(SandboxTest, TestsThatDoNotCompileAreNamedAsSuch) {
  EXPECT_THAT(WhyFails("x = 1", "assert ("), HasSubstr("the tests fail: SyntaxError"));
}

TEST_F(SandboxTest, WhatAnAnswerDoesAsAProgramDoesNotRun) {
  ExpectPasses("def f(): return 1\nif __name__ == '__main__':\n    raise SystemExit(input())",
               "assert f() == 1");
}

TEST_F(SandboxTest, UnitTestsOfTheStandardLibraryAreUnderstood) {
  const std::string tests =
      "import unittest\nclass T(unittest.TestCase):\n"
      "    def test(self): self.assertEqual(f(), 1)\nunittest.main()";
  ExpectPasses("def f(): return 1", tests);
  EXPECT_THAT(WhyFails("def f(): return 2", tests), HasSubstr("SystemExit: True"));
  EXPECT_NE(WhyFails("import sys\ndef f(): sys.exit(0)", tests), "");
}

TEST_F(SandboxTest, BytesOfAnyKindAreCarriedOver) {
  ExpectPasses("s = 'h\u00e9llo \U0001F600'\n", "assert len(s) == 7, ascii(s)");
  EXPECT_NE(WhyFails(std::string("x = '\0'", 7)), "");
  EXPECT_NE(WhyFails("x = '\xff\xfe'"), "");
}

TEST_F(SandboxTest, ALongAnswerAndLongTestsAreReadWhole) {
  std::string lines;
  for (int i = 0; i < 40'000; ++i) lines += "x = " + std::to_string(i) + "\n";
  ExpectPasses(lines, lines + "assert x == 39999");
}

// What an answer says of itself does not count.
TEST_F(SandboxTest, LeavingEarlyIsNotPassing) {
  for (const char* const answer :
       {"import os\nprint('passed')\nos._exit(0)", "import sys\nsys.exit(0)",
        "import os\nos.abort()", "import os\nos.execv('/bin/true', ['true'])",
        "import os\nos.close(3)", "import os\nos.write(3, b'passed\\n')",
        "import os\nos.write(3, b'loaded\\nguess\\n')", "import os\nos.write(3, b'x' * 100000)",
        "import os\nos.closerange(3, 60)", "raise KeyboardInterrupt",
        "import ctypes\nctypes.string_at(0)"}) {
    EXPECT_NE(WhyFails(answer, "assert False"), "") << answer;
    EXPECT_NE(WhyFails(answer), "") << answer;
  }
  EXPECT_NE(WhyFails("import os\ndef f(): os._exit(0)", "f()\nassert False"), "");
  EXPECT_NE(WhyFails("import sys\ndef f(): sys.exit(0)", "f()\nassert False"), "");
}

TEST_F(SandboxTest, StandardInputIsEmptyWhileTheAnswerLoads) {
  ExpectPasses("import sys\nseen = sys.stdin.read()\n", "assert seen == ''");
}

TEST_F(SandboxTest, ThreadsAndEventLoopsWork) {
  ExpectPasses(
      "import asyncio, threading\n"
      "async def f():\n    await asyncio.sleep(0)\n    return 7\n",
      "assert asyncio.run(f()) == 7\n"
      "t = threading.Thread(target=print)\nt.start()\nt.join()");
}

TEST_F(SandboxTest, FilesOfTheHostCannotBeRead) {
  const auto secret = std::filesystem::temp_directory_path() / "moerge_sandbox_secret";
  std::ofstream(secret) << "secret";
  for (const std::string& path :
       {std::string("/etc/passwd"), std::string("/etc/shadow"), std::string("/proc/1/environ"),
        std::string("/proc/self/maps"), std::string("/sys/kernel"), std::string("/root"),
        std::string("/home"), std::string("/usr/local"), std::string("/var"), secret.string(),
        std::string(MOERGE_SOURCE_DIR), std::string("/run")}) {
    ExpectPasses("import os", "assert not os.path.lexists('" + path + "')");
  }
  std::filesystem::remove(secret);
}

TEST_F(SandboxTest, NothingOfTheServerIsInherited) {
  ASSERT_EQ(setenv("MOERGE_SECRET", "secret", 1), 0);
  const int open_file = ::open("/etc/passwd", O_RDONLY);  // not closed on exec
  ExpectPasses("import os",
               "found = []\n"
               "for n in range(64):\n"
               "    try: os.fstat(n); found.append(n)\n"
               "    except OSError: pass\n"
               "assert found == [0, 1, 2, 3, 4], found\n"
               "assert dict(os.environ).keys() <= {'PWD', 'LC_CTYPE'}, dict(os.environ)\n"
               "import stat\n"
               "assert stat.S_ISSOCK(os.fstat(4).st_mode)  # what the harness reads");
  ::close(open_file);
  unsetenv("MOERGE_SECRET");
}

TEST_F(SandboxTest, NoSocketsOfAnyKind) {
  ExpectPasses(
      "import socket",
      "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):\n"
      "    try: socket.socket(family); assert False, family\n"
      "    except PermissionError: pass\n"
      "try: socket.create_connection(('127.0.0.1', 22), 1); assert False\n"
      "except PermissionError: pass\n");
}

TEST_F(SandboxTest, OnlyItsOwnSmallFolderCanBeWritten) {
  ExpectPasses("import os",
               "open('/tmp/a', 'w').write('x')\n"
               "for path in ('/usr/bin/a', '/usr/lib/a', '/a', '/dev/a', '/bin/a'):\n"
               "    try: open(path, 'w'); assert False, path\n"
               "    except OSError: pass\n");
  ExpectPasses("", "import os\nassert os.listdir('/tmp') == []");
}

TEST_F(SandboxTest, FilesAreBoundedTogether) {
  EXPECT_THAT(WhyFails("import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
                       "for n in range(100):\n"
                       "    with open(f'/tmp/{n}', 'wb') as f: f.write(bytes(1 << 20))"),
              HasSubstr("No space left"));
}

TEST_F(SandboxTest, MemoryThatNoLimitCountsIsNotToBeHad) {
  ExpectPasses("import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)",
               "assert libc.shmget(0, 1 << 20, 0o1600) == -1\n"
               "try: os.memfd_create('m'); assert False\n"
               "except PermissionError: pass\n");
}

TEST_F(SandboxTest, TenGigabytesAreRefused) {
  EXPECT_THAT(WhyFails("x = bytearray(10 << 30)"), HasSubstr("MemoryError"));
}

TEST_F(SandboxTest, AnEndlessLoopIsEnded) {
  EXPECT_THAT(WhyFails("while True: pass", kNothing, milliseconds(300)),
              HasSubstr("it took longer than 0.3 s and was ended before the tests ran"));
  EXPECT_THAT(WhyFails("def f():\n    while True: pass", "f()", std::chrono::seconds(5)),
              HasSubstr("ended within the tests"));
}

TEST_F(SandboxTest, TheHostsLimitIsStrongerThanTheRequests) {
  SandboxOptions options = AllowedSandbox();
  options.max_timeout = milliseconds(200);
  const auto verdict = RunPython("while True: pass", kNothing, std::chrono::seconds(60), options);
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_THAT(verdict->why, HasSubstr("longer than 0.2 s"));
}

TEST_F(SandboxTest, EndlessOutputIsEnded) {
  EXPECT_THAT(WhyFails("import os\nwhile True: os.write(1, b'x' * 65536)"),
              HasSubstr("it wrote more than 1048576 bytes"));
  EXPECT_THAT(WhyFails("import os\nwhile True: os.write(2, b'x' * 65536)"),
              HasSubstr("it wrote more than 1048576 bytes"));
}

TEST_F(SandboxTest, AForkBombRunsOutOfProcesses) {
  EXPECT_THAT(WhyFails("import os\nwhile True: os.fork()", kNothing, std::chrono::seconds(3)),
              testing::AnyOf(HasSubstr("BlockingIOError"), HasSubstr("longer than"),
                             HasSubstr("broke into"), HasSubstr("it ended")));
  ExpectPasses(
      "import os, time\nchildren = 0\n"
      "try:\n"
      "    while True:\n"
      "        if os.fork() == 0: time.sleep(100)\n"
      "        children += 1\n"
      "except BlockingIOError: pass\n",
      "assert 0 < children < 16, children");
}

// A process that leaves its group and its parent dies with the rest.
TEST_F(SandboxTest, NoProcessOutlivesTheRun) {
  SandboxOptions options = AllowedSandbox();
  const std::string mark = "moerge-test-" + std::to_string(getpid());
  const auto verdict = RunPython(
      "import os, sys\nif os.fork() == 0:\n    os.setsid()\n"
      "    os.execv('/usr/bin/sleep', ['" +
          mark + "', '1000'])\n",
      kNothing);
  ASSERT_TRUE(verdict.ok());
  EXPECT_TRUE(verdict->passed) << verdict->why;
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::string line;
    std::getline(file, line);
    found += line.find(mark) == 0 ? 1 : 0;
  }
  EXPECT_EQ(found, 0);
}

// Orphans of this process would become its children, and show as such.
TEST_F(SandboxTest, NoProcessIsLeftForOthersToWaitFor) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  ExpectPasses("", "");
  EXPECT_NE(WhyFails("import os\nos.fork()\nwhile True: pass", kNothing, milliseconds(100)), "");
  StopSignal stop;
  stop.Set();
  EXPECT_FALSE(RunTests(AllowedSandbox(), TestRun{"python", "while True: pass", ""}, stop).ok());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(SandboxTest, ItCannotReachOrTraceOtherProcesses) {
  EXPECT_NE(WhyFails("import os, signal\nos.kill(-1, signal.SIGKILL)", "assert False"), "");
  ExpectPasses("import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)",
               "assert libc.ptrace(16, " + std::to_string(getpid()) +
                   ", 0, 0) == -1\n"
                   "try: os.kill(" +
                   std::to_string(getpid()) +
                   ", 0); assert False\n"
                   "except (ProcessLookupError, PermissionError): pass\n"
                   "assert os.getpid() < 10, os.getpid()");
}

TEST_F(SandboxTest, ItRunsAsNobodyAndStaysSo) {
  ExpectPasses("import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)",
               "assert os.getuid() == 65534 and os.geteuid() == 65534\n"
               "try: os.setuid(0); assert False\n"
               "except OSError: pass\n"
               "assert libc.unshare(0x10000000) == -1\n"
               "assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0) == -1\n"
               "assert libc.chroot(b'/tmp') == -1\n"
               "assert os.uname().nodename == 'sandbox'");
}

TEST_F(SandboxTest, LimitsCannotBeRaised) {
  ExpectPasses("import resource",
               "for what in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):\n"
               "    hard = resource.getrlimit(what)[1]\n"
               "    try: resource.setrlimit(what, (hard * 2, hard * 2)); assert False, what\n"
               "    except (ValueError, OSError): pass");
}

TEST_F(SandboxTest, AWordToStopEndsARunAndItsChildren) {
  StopSignal stop;
  std::thread stopper([&] { stop.Set(); });
  const auto verdict = RunTests(
      AllowedSandbox(), TestRun{"python", "while True: pass", "", std::chrono::seconds(10)}, stop);
  stopper.join();
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kCancelled);
}

TEST_F(SandboxTest, NoDescriptorIsLeft) {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  EXPECT_NE(WhyFails("raise ValueError"), "");
  ExpectPasses("", "");
  EXPECT_EQ(open_files(), before);
}

TEST(Sandbox, IsOffUnlessAllowed) {
  const auto verdict = RunPython("", "", milliseconds(100), SandboxOptions());
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(verdict.error().param, "moerge.verify.tests");
}

TEST(Sandbox, SaysWhatToInstall) {
  SandboxOptions options = AllowedSandbox();
  options.bubblewrap = "/nowhere/bwrap";
  const auto verdict = RunPython("", "", milliseconds(100), options);
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(verdict.error().message, HasSubstr("install the package bubblewrap"));
}

TEST(Sandbox, ThatDoesNotStartIsAnErrorAndNoVerdict) {
  SandboxOptions options = AllowedSandbox();
  options.bubblewrap = "/usr/bin/false";
  const auto verdict = RunPython("", "", std::chrono::seconds(5), options);
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(verdict.error().message, HasSubstr("the sandbox does not start"));
}

}  // namespace
}  // namespace moerge
