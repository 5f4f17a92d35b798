import glob
import os

print(dict(os.environ))
for path in ["/proc/self/environ", *glob.glob("/proc/*/environ"), *glob.glob("/proc/*/cmdline")]:
    try:
        with open(path, "rb") as file:
            print(path, file.read())
    except OSError as error:
        print(path, type(error).__name__)
print("looked everywhere")
