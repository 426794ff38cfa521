/**
 * What a PowerShell does for us as long as the holder lives: holds a power request, which ends with
 * its process, and tells what else only a Windows program hears: the lid, the source of power, sleep.
 * C# of version 5, which is what Windows PowerShell compiles. No text of anybody's stands in it.
 *
 * In: `<id> <verb> [<base64>]`. Out: `= <id> <json>`, and unasked `! <word> [<value>]`.
 *
 * - ExecutionRequired beside SystemRequired, since on Modern Standby the latter does not keep programs
 *   running; it is refused where it is not known, and then is not needed.
 * - The lid and sleep come by callback (PowerSettingRegisterNotification), which needs no window.
 * - In SYSTEM_POWER_CAPABILITIES byte 2 is LidPresent, 5 SystemS3, 20 AoAc (Modern Standby).
 */
export const POWER_CSHARP = `
using System;
using System.ComponentModel;
using System.Globalization;
using System.Management;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

public static class PorchlightPower
{
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
  struct Reason { public uint Version; public uint Flags; [MarshalAs(UnmanagedType.LPWStr)] public string Text; }

  [StructLayout(LayoutKind.Sequential)]
  struct Status { public byte Mains; public byte Flag; public byte Percent; public byte System; public uint Left; public uint Full; }

  [UnmanagedFunctionPointer(CallingConvention.Winapi)]
  delegate uint Callback(IntPtr context, uint type, IntPtr setting);

  [StructLayout(LayoutKind.Sequential)]
  struct Subscription { public Callback Callback; public IntPtr Context; }

  [DllImport("kernel32.dll", SetLastError = true)]
  static extern IntPtr PowerCreateRequest(ref Reason reason);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool PowerSetRequest(IntPtr request, int type);
  [DllImport("kernel32.dll")]
  static extern bool PowerClearRequest(IntPtr request, int type);
  [DllImport("kernel32.dll")]
  static extern bool CloseHandle(IntPtr handle);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool GetSystemPowerStatus(out Status status);
  [DllImport("powrprof.dll")]
  static extern uint CallNtPowerInformation(int level, IntPtr input, uint inputBytes, out uint output, uint outputBytes);
  [DllImport("powrprof.dll", SetLastError = true)]
  static extern bool GetPwrCapabilities(byte[] capabilities);
  [DllImport("powrprof.dll", SetLastError = true)]
  static extern bool SetSuspendState(bool hibernate, bool force, bool wakeupEventsDisabled);
  [DllImport("powrprof.dll")]
  static extern uint PowerSettingRegisterNotification(ref Guid setting, uint flags, ref Subscription to, out IntPtr registration);
  [DllImport("powrprof.dll")]
  static extern uint PowerRegisterSuspendResumeNotification(uint flags, ref Subscription to, out IntPtr registration);
  [DllImport("user32.dll", SetLastError = true)]
  static extern bool PostMessage(IntPtr window, uint message, IntPtr wide, IntPtr deep);

  const int SystemRequired = 1, ExecutionRequired = 3;
  const uint ByCallback = 2;
  static readonly Guid Lid = new Guid("BA3E0F4D-B817-4094-A2D1-D56379E6A0F3");
  static readonly Guid[] Watched = {
    Lid,
    new Guid("5D3E9A59-E9D5-4B00-A6BD-FF34FF516548"),
    new Guid("A7AD8041-B45A-4CAE-87A3-EECBB468A9E1"),
    new Guid("245D8541-3943-4422-B025-13A784F679B7"),
  };

  static IntPtr held = IntPtr.Zero;
  static int lid = -1;
  static readonly ManualResetEvent lidKnown = new ManualResetEvent(false);
  static readonly Callback heard = Hear;
  static Subscription subscription;

  static void Say(string line) { lock (Console.Out) { Console.Out.WriteLine(line); Console.Out.Flush(); } }

  static uint Hear(IntPtr context, uint type, IntPtr setting)
  {
    try
    {
      if (type == 4) Say("! sleeping");
      else if (type == 7 || type == 18) Say("! woke");
      else if (type == 0x8013 && setting != IntPtr.Zero)
      {
        Guid which = (Guid)Marshal.PtrToStructure(setting, typeof(Guid));
        if (which == Lid)
        {
          lid = Marshal.ReadByte(setting, 20);
          lidKnown.Set();
          Say("! lid");
        }
        else if (which == Watched[3]) Say("! scheme");
        else Say("! power");
      }
    }
    catch (Exception) { }
    return 0;
  }

  static void Watch()
  {
    subscription.Callback = heard;
    IntPtr registration;
    foreach (Guid each in Watched)
    {
      Guid setting = each;
      try { PowerSettingRegisterNotification(ref setting, ByCallback, ref subscription, out registration); }
      catch (Exception) { }
    }
    try { PowerRegisterSuspendResumeNotification(ByCallback, ref subscription, out registration); }
    catch (Exception) { }
  }

  static string Hold(string why)
  {
    if (held != IntPtr.Zero) return "{}";
    Reason reason;
    reason.Version = 0;
    reason.Flags = 1;
    reason.Text = why;
    IntPtr request = PowerCreateRequest(ref reason);
    if (request == IntPtr.Zero || request == new IntPtr(-1)) throw new Win32Exception(Marshal.GetLastWin32Error());
    if (!PowerSetRequest(request, SystemRequired))
    {
      int error = Marshal.GetLastWin32Error();
      CloseHandle(request);
      throw new Win32Exception(error);
    }
    PowerSetRequest(request, ExecutionRequired);
    held = request;
    return "{}";
  }

  static string Drop()
  {
    if (held == IntPtr.Zero) return "{}";
    PowerClearRequest(held, ExecutionRequired);
    PowerClearRequest(held, SystemRequired);
    CloseHandle(held);
    held = IntPtr.Zero;
    return "{}";
  }

  static string State()
  {
    uint flags;
    uint error = CallNtPowerInformation(16, IntPtr.Zero, 0, out flags, 4);
    if (error != 0) throw new Exception("CallNtPowerInformation gave 0x" + error.ToString("x8"));
    return "{\\"execution\\":" + flags + "}";
  }

  static byte[] Capabilities()
  {
    byte[] bytes = new byte[512];
    if (!GetPwrCapabilities(bytes)) throw new Win32Exception(Marshal.GetLastWin32Error());
    return bytes;
  }

  static string Told(bool value) { return value ? "true" : "false"; }

  static string About()
  {
    byte[] bytes = Capabilities();
    return "{\\"lid\\":" + Told(bytes[2] != 0) + ",\\"s3\\":" + Told(bytes[5] != 0) + ",\\"modernStandby\\":" + Told(bytes[20] != 0) + "}";
  }

  static string Power()
  {
    Status status;
    if (!GetSystemPowerStatus(out status)) throw new Win32Exception(Marshal.GetLastWin32Error());
    return "{\\"mains\\":" + status.Mains + ",\\"flag\\":" + status.Flag + ",\\"percent\\":" + status.Percent + "}";
  }

  // Windows tells it a moment after it was asked to tell; never where there is no lid.
  static string LidState()
  {
    if (lidKnown.WaitOne(lid == -1 ? 500 : 0)) return "{\\"closed\\":" + Told(lid == 0) + "}";
    lidKnown.Reset();
    return "{\\"closed\\":null}";
  }

  static string Heat()
  {
    StringBuilder zones = new StringBuilder();
    ManagementObjectSearcher searcher = new ManagementObjectSearcher("SELECT HighPrecisionTemperature FROM Win32_PerfFormattedData_Counters_ThermalZoneInformation");
    foreach (ManagementBaseObject zone in searcher.Get())
      zones.Append(zones.Length == 0 ? "" : ",").Append(Convert.ToInt64(zone["HighPrecisionTemperature"], CultureInfo.InvariantCulture));
    return "{\\"tenthsKelvin\\":[" + zones + "]}";
  }

  static string ScreenOff()
  {
    if (!PostMessage(new IntPtr(0xffff), 0x0112, new IntPtr(0xf170), new IntPtr(2))) throw new Win32Exception(Marshal.GetLastWin32Error());
    return "{}";
  }

  static string Sleep(bool hibernate)
  {
    byte[] bytes = Capabilities();
    if (!hibernate && bytes[5] == 0 && bytes[20] != 0) return ScreenOff();
    if (!SetSuspendState(hibernate, false, false)) throw new Win32Exception(Marshal.GetLastWin32Error());
    return "{}";
  }

  static string Do(string verb, string given)
  {
    switch (verb)
    {
      case "hold": return Hold(Encoding.UTF8.GetString(Convert.FromBase64String(given)));
      case "drop": return Drop();
      case "state": return State();
      case "about": return About();
      case "power": return Power();
      case "lid": return LidState();
      case "heat": return Heat();
      case "screenOff": return ScreenOff();
      case "sleep": return Sleep(false);
      case "hibernate": return Sleep(true);
      default: throw new Exception("unknown: " + verb);
    }
  }

  static string Quoted(string text)
  {
    StringBuilder quoted = new StringBuilder("\\"");
    foreach (char each in text)
      if (each == '"' || each == '\\\\' || each < ' ' || each > '~') quoted.Append("\\\\u").Append(((int)each).ToString("x4"));
      else quoted.Append(each);
    return quoted.Append('"').ToString();
  }

  public static void Run()
  {
    Watch();
    Say("! ready");
    string line;
    while ((line = Console.In.ReadLine()) != null)
    {
      string[] part = line.Split(' ');
      if (part.Length < 2) continue;
      string answer;
      try { answer = Do(part[1], part.Length > 2 ? part[2] : ""); }
      catch (Exception error) { answer = "{\\"error\\":" + Quoted(error.Message) + "}"; }
      Say("= " + part[0] + " " + answer);
    }
    Drop();
  }
}
`;

/** Where types may not be compiled (constrained language mode), it says so in its first line. */
const POWER_SCRIPT = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try { Add-Type -ReferencedAssemblies System.Management -TypeDefinition @'
${POWER_CSHARP}
'@ } catch { '! failed ' + ($_.Exception.Message -replace '\\s+', ' '); exit 1 }
[PorchlightPower]::Run()
`;

/** Not encoded: what runs here can be read in the list of processes. */
export const POWER_SCRIPT_ARGS: readonly string[] = [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  POWER_SCRIPT,
];
