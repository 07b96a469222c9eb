using System.Globalization;
using FsCheck;

namespace RawWs.SocketIO.Tests.Protocol;

/// <summary>
/// Checks properties with the same cases every time, so that a build fails for a change and not for a day. To search further, set
/// <c>RAWWS_PROPERTY_SEED</c> to another number, and <c>RAWWS_PROPERTY_TESTS</c> to how many cases each property gets:
/// <code>RAWWS_PROPERTY_SEED=42 RAWWS_PROPERTY_TESTS=100000 dotnet test tests/RawWs.SocketIO.Tests</code>
/// A failure is reported with its case, shrunk.
/// </summary>
internal static class Properties
{
    private const ulong DefaultSeed = 6455;
    private const int DefaultTests = 300;

    public static void Check(Property property)
    {
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("RAWWS_PROPERTY_SEED") ?? $"{DefaultSeed}", CultureInfo.InvariantCulture);
        var tests = int.Parse(Environment.GetEnvironmentVariable("RAWWS_PROPERTY_TESTS") ?? $"{DefaultTests}", CultureInfo.InvariantCulture);

        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(new Replay(new Rnd(seed), size: null)), property);
    }
}
