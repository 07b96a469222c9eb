using System.Runtime.InteropServices;

namespace RawWs.Tests.Transport;

/// <summary>Descriptors by their numbers, as whoever starts a process hands them over.</summary>
internal static partial class Descriptors
{
    private const int GetDescriptorFlags = 1;

    /// <summary>The system gives out the lowest number that is free: so many are never in use here.</summary>
    private const long Many = 60_000;

    private static int _takenCount;

    /// <summary>A number that no descriptor has, and that nobody gets who does not ask for it.</summary>
    public static int NextFreeNumber()
    {
        var number = (int)Math.Min(RawWs.Transport.InteropDescriptors.ReadLimit(), Many) - Interlocked.Increment(ref _takenCount);
        Assert.False(IsOpen(number));
        return number;
    }

    /// <summary>One more descriptor of what another stands for. It is the caller's.</summary>
    public static int Duplicate(SafeHandle original)
    {
        var number = NextFreeNumber();
        DuplicateTo(number, original);
        return number;
    }

    /// <summary>One more descriptor of what another stands for, with a number that is free.</summary>
    public static void DuplicateTo(int number, SafeHandle original) => Assert.Equal(number, Duplicate(original, number));

    public static bool IsOpen(int number) => Control(number, GetDescriptorFlags) >= 0;

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int number);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(SafeHandle original, int number);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int number, int command);
}
