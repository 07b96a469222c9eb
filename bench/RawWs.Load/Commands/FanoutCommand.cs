using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="FanoutRun"/>.</summary>
internal static class FanoutCommand
{
    public static Command Create()
    {
        var load = new LoadOptions("/broadcast");
        var members = OptionValues.Count("--members", 1000, "How many connections receive; one of them publishes.");
        var size = OptionValues.Count("--size", 64, $"Bytes of a message's payload, from {FrameRing.NumberLength}.");
        var credit = OptionValues.Count("--credit", 8, "How many messages are under way at most, each until everybody has it.");
        var rate = new Option<int?>("--rate") { Description = "Messages published per second, instead of a credit.", HelpName = "COUNT" };
        var command = new Command("fanout", "One publishes and all receive; nothing may be missing, come twice or out of order.") { members, size, credit, rate };
        load.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(size) is { Tokens: [var bytes] } && int.TryParse(bytes.Value, out var value) && value < FrameRing.NumberLength)
                result.AddError($"--size takes {FrameRing.NumberLength} at least: each message carries its number.");
            if (result.GetResult(rate) is { Tokens: [var number] } && !(int.TryParse(number.Value, out var perSecond) && perSecond > 0))
                result.AddError($"--rate takes a number from 1, such as 50; '{number.Value}' is none.");
        });
        command.SetAction((result, cancellationToken) =>
        {
            var (count, bytes, pace) = (result.GetValue(members), result.GetValue(size), result.GetValue(rate) ?? 0);
            return load.RunAsync(
                result, $"fanout: {count} members, {bytes} bytes, {(pace > 0 ? $"{pace}/s" : $"{result.GetValue(credit)} under way")}",
                (target, timing) => new FanoutRun(target, count, bytes, result.GetValue(credit), pace, timing), cancellationToken: cancellationToken);
        });
        return command;
    }
}
