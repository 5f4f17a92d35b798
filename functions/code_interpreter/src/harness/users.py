"""A name for the user that a program runs as: where it has one of its own, or cannot read the system's list, nobody else
gives it any.
"""

import os
import pwd

NAME = "user"


def install():
    by_number, by_name, login = pwd.getpwuid, pwd.getpwnam, os.getlogin

    def own():
        home = os.environ.get("HOME", os.getcwd())
        return pwd.struct_passwd((NAME, "x", os.getuid(), os.getgid(), "", home, "/bin/sh"))

    def getpwuid(number):
        try:
            return by_number(number)
        except KeyError:
            if number != os.getuid():
                raise
        return own()

    def getpwnam(name):
        try:
            return by_name(name)
        except KeyError:
            if name != NAME:
                raise
        return own()

    def getlogin():
        try:
            return login()
        except OSError:  # there is no terminal
            return getpwuid(os.getuid()).pw_name

    pwd.getpwuid, pwd.getpwnam, os.getlogin = getpwuid, getpwnam, getlogin
