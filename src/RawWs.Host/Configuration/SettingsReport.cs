using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawWs.Host;

/// <summary>Writes down what applies.</summary>
internal static class SettingsReport
{
    private const string None = "-";

    // It is read by people and programs, and by no browser.
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>A line for each: key, values, source, place.</returns>
    public static string ToText(IReadOnlyList<ShownSetting> settings)
    {
        var keyWidth = settings.Max(setting => setting.Key.Length);
        var valueWidth = settings.Max(setting => ValueOf(setting).Length);
        return string.Join('\n', settings.Select(setting
            => $"{setting.Key.PadRight(keyWidth)}  {ValueOf(setting).PadRight(valueWidth)}  {SourceOf(setting)}{(setting.Place is null ? "" : $": {setting.Place}")}"));
    }

    /// <returns>An object with a property for each: <c>{ "port": { "values": ["3000"], "source": "default" }, … }</c>.</returns>
    public static string ToJson(IReadOnlyList<ShownSetting> settings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            foreach (var setting in settings)
                Write(writer, setting);

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, ShownSetting setting)
    {
        writer.WriteStartObject(setting.Key);
        writer.WriteStartArray("values");
        foreach (var value in setting.Values)
            writer.WriteStringValue(value);

        writer.WriteEndArray();
        writer.WriteString("source", SourceOf(setting));
        if (setting.Place is { } place)
            writer.WriteString("place", place);

        writer.WriteEndObject();
    }

    private static string ValueOf(ShownSetting setting) => setting.Values.Count == 0 ? None : string.Join(", ", setting.Values);

    private static string SourceOf(ShownSetting setting) => setting.Source switch
    {
        SettingSource.Default => "default",
        SettingSource.File => "file",
        SettingSource.Environment => "environment",
        _ => "flag",
    };
}
