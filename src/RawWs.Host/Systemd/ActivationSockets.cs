using System.Globalization;

namespace RawWs.Host;

/// <summary>
/// Socket activation as systemd does it (sd_listen_fds): sockets that listen already are handed over as the descriptors from 3 on, <c>LISTEN_FDS</c> of them, to
/// the process <c>LISTEN_PID</c>.
/// </summary>
internal static class ActivationSockets
{
    private const string ProcessVariable = "LISTEN_PID", CountVariable = "LISTEN_FDS";
    private const int FirstDescriptor = 3;

    /// <summary>More than anybody listens on: a number that is larger is a slip.</summary>
    private const int MaxCount = 1024;

    /// <param name="variableOf">The value of a variable, null if there is none.</param>
    /// <param name="processId">This process: what is meant for its parent is not for it.</param>
    /// <returns>The descriptors; none if it has been started in another way.</returns>
    public static IReadOnlyList<int> Find(Func<string, string?> variableOf, int processId)
    {
        var isMeant = IntegerOf(variableOf(ProcessVariable)) == processId;
        return isMeant && IntegerOf(variableOf(CountVariable)) is { } count and <= MaxCount ? [.. Enumerable.Range(FirstDescriptor, count)] : [];
    }

    private static int? IntegerOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
