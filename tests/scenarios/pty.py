"""Runs a program on a terminal of its own and types into it.

Standard input: one JSON object
  argv, env, cwd       what to start, as its session's leader
  stdin                text to pipe into its standard input; absent: the terminal
  pipe_stdout          true: standard output is a pipe, apart from the terminal
  steps                in order, each {"expect": text the terminal has to show since the last step}, or
                       {"taken": true} where the program has to have read all that was typed, and then
                       one of {"type": text}, {"type_output": argv} (of a program that gets the
                       screen so far on its standard input), {"signal": "SIGTERM"} (to the program alone),
                       {"resize": [rows, columns]}, or nothing more
  timeout_seconds      for all of it
Standard output: one JSON object
  screen, stdout       what was written
  code, signal         how it ended; the other one is null
  echo                 whether the terminal echoes what is typed, after the end
  fault                null, or what did not happen in time
"""
import errno
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time


def start(request, slave, out_write, in_read):
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        os.dup2(slave if in_read is None else in_read, 0)
        os.dup2(slave if out_write is None else out_write, 1)
        os.dup2(slave, 2)
        os.closerange(3, 256)
        os.chdir(request.get("cwd", "/"))
        os.execvpe(request["argv"][0], request["argv"], request["env"])
    except OSError as error:
        os.write(2, f"pty.py: {error}\n".encode())
    finally:
        os._exit(124)


def end_session(leader):
    """Ends what a program has started, stopped or not, where the system tells which those are."""
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        try:
            with open(f"/proc/{name}/stat", encoding="latin1") as file:
                session = int(file.read().rsplit(")", 1)[1].split()[3])
            if session == leader:
                os.kill(int(name), signal.SIGKILL)
        except (OSError, ValueError):
            pass  # it has ended, or is no process


class Run:
    def __init__(self, request):
        self.request = request
        self.deadline = time.monotonic() + request.get("timeout_seconds", 30)
        self.master, self.slave = os.openpty()
        out_read, out_write = os.pipe() if request.get("pipe_stdout") else (None, None)
        in_read, in_write = os.pipe() if request.get("stdin") is not None else (None, None)
        self.pid = start(request, self.slave, out_write, in_read)
        for descriptor in (out_write, in_read):
            if descriptor is not None:
                os.close(descriptor)
        if in_write is not None:
            os.write(in_write, request["stdin"].encode())
            os.close(in_write)
        self.written = {self.master: b""} | ({out_read: b""} if out_read is not None else {})
        self.out = out_read
        self.seen = 0
        self.status = None

    def pump(self, seconds):
        """Takes in what was written; true when there was something."""
        ready, _, _ = select.select(list(self.written), [], [], seconds)
        got = False
        for descriptor in ready:
            try:
                data = os.read(descriptor, 65536)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                data = b""
            self.written[descriptor] += data
            got = got or bool(data)
        if ready and not got:
            time.sleep(0.01)  # a pipe at its end is always ready
        return got

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def wait_for(self, text):
        wanted = text.encode()
        while True:
            at = self.written[self.master].find(wanted, self.seen)
            if at >= 0:
                self.seen = at + len(wanted)
                return
            if time.monotonic() > self.deadline:
                raise TimeoutError(f"the terminal did not show {text!r}")
            if not self.pump(0.05) and self.ended():
                raise TimeoutError(f"the program ended without showing {text!r}")

    def wait_until_taken(self):
        looks = 0
        while looks < 5:  # what was just typed is on its way for a moment
            waiting = fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4))
            looks = 0 if any(waiting) else looks + 1
            if time.monotonic() > self.deadline:
                raise TimeoutError("the program did not read what was typed")
            self.pump(0.01)

    def act(self, step):
        if "type" in step:
            os.write(self.master, step["type"].encode())
        if "type_output" in step:
            screen = self.written[self.master]
            ran = subprocess.run(step["type_output"], input=screen, stdout=subprocess.PIPE, check=True)
            os.write(self.master, ran.stdout)
        if "signal" in step:
            os.kill(self.pid, getattr(signal, step["signal"]))
        if "resize" in step:
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", *step["resize"], 0, 0))

    def finish(self):
        while not self.ended():
            if time.monotonic() > self.deadline:
                raise TimeoutError("the program did not end")
            self.pump(0.05)
        while self.pump(0):
            pass

    def play(self):
        try:
            for step in self.request.get("steps", []):
                self.wait_for(step.get("expect", ""))
                if step.get("taken"):
                    self.wait_until_taken()
                self.act(step)
            self.finish()
            return None
        except TimeoutError as error:
            end_session(self.pid)
            return str(error)
        finally:
            if self.status is None and not self.ended():
                os.kill(self.pid, signal.SIGKILL)
                _, self.status = os.waitpid(self.pid, 0)

    def report(self):
        fault = self.play()
        code = os.waitstatus_to_exitcode(self.status)
        out = self.written.get(self.out, b"") if self.out is not None else b""
        return {
            "screen": self.written[self.master].decode(errors="replace"),
            "stdout": out.decode(errors="replace"),
            "code": code if code >= 0 else None,
            "signal": signal.Signals(-code).name if code < 0 else None,
            "echo": bool(termios.tcgetattr(self.slave)[3] & termios.ECHO),
            "fault": fault,
        }


json.dump(Run(json.load(sys.stdin)).report(), sys.stdout)
